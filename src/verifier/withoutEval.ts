/** Before any shape is made: a page that forbids eval would report each of them that tries whether it may. */
import * as z from 'zod';

z.config({ jitless: true });
