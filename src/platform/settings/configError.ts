import { StartError } from '../startError.ts';

/** A setting that is missing, unknown or malformed. The message is one line and names it. */
export class ConfigError extends StartError {
  override readonly name = 'ConfigError';
}
