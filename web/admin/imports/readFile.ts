/** A file as the server takes it: in UTF-8. Spreadsheets in Chinese save CSV in GBK, which is told and turned into it. */
const COLUMNS = ['external_id', 'mobile', 'nickname', 'points'];

/** Whether it begins with its four columns, in any order. */
export function hasColumns(csv: string): boolean {
  const names = csv
    .replace(/^\ufeff/, '')
    .split(/[\r\n]/, 1)[0]!
    .split(',');
  const found = names.map((name) => name.replace(/"/g, '').trim().toLowerCase()).sort();
  return found.join() === [...COLUMNS].sort().join();
}

export interface ReadFile {
  csv: string;
  wasGbk: boolean;
}

export function readCsv(bytes: ArrayBuffer): ReadFile {
  try {
    return { csv: new TextDecoder('utf-8', { fatal: true }).decode(bytes), wasGbk: false };
  } catch {
    return { csv: new TextDecoder('gbk').decode(bytes), wasGbk: true };
  }
}
