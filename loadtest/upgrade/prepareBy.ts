/** Makes the database of a run by another build, in that build's folder: `prepareBy.ts FOLDER PREPARATION`. Prints what it made as JSON. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Prepare from '../bench/prepare.ts';

const [folder, preparation] = process.argv.slice(2) as [string, string];
const script = pathToFileURL(join(folder, 'loadtest/bench/prepare.ts')).href;
const { prepareDatabase } = (await import(script)) as typeof Prepare;
const prepared = await prepareDatabase(JSON.parse(preparation) as Prepare.Preparation);
process.stdout.write(JSON.stringify(prepared));
