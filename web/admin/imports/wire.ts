/** What the API says of imports. */
export interface ImportView {
  job_id: number;
  status: 'running' | 'completed' | 'failed';
  dry_run: boolean;
  rows: number;
  done: number;
  imported: number;
  importable: number;
  known: number;
  error_count: number;
  errors: { row: number; field: string; problem: string; earlier_row: number | null }[];
}
