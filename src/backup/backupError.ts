/** Why a backup or a restore has not been made, in one line for whoever asked for it. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}
