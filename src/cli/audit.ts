/**
 * `npm run audit`: checks every invariant of the books in the database of DATABASE_URL. Changes nothing. Exit 0: the books
 * balance; 1: a violated invariant; 2: the database cannot be read.
 */
import { audit } from '../books/audit.ts';
import { openBooksTarget } from './booksTarget.ts';

process.exitCode = await audit(await openBooksTarget(process.env), (line) => console.log(line));
