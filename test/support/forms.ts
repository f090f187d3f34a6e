/** Forms with a file, as text: what the tests of the whole document send has a text for a body. */

/** A picture of one pixel in letters alone: it is the same bytes in whatever way a text is encoded. */
export const SMALL_GIF = `GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;`;

export interface Form {
  headers: { 'content-type': string };
  body: string;
}

const BOUNDARY = 'end-of-part';

export function formOf(field: string, file: string): Form {
  const lines = [
    `--${BOUNDARY}`,
    `Content-Disposition: form-data; name="${field}"; filename="picture"`,
    'Content-Type: image/gif',
    '',
    file,
    `--${BOUNDARY}--`,
    '',
  ];
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    body: lines.join('\r\n'),
  };
}
