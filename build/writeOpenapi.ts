/** `node --import tsx build/writeOpenapi.ts FILE`: the OpenAPI document, as the server sends it. */
import { writeFileSync } from 'node:fs';
import { openapiText } from './openapiFile.ts';

writeFileSync(process.argv[2]!, openapiText());
