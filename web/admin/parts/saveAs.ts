/** Gives the reader something as a file. */
export function saveAs(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // A browser may take a moment to begin.
  window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
