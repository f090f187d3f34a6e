import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** What the package says of this build. */
interface Package {
  version: string;
  engines: { node: string };
  dependencies: { node: string };
}

const PACKAGE = JSON.parse(readFileSync(findPackageJSON('..', import.meta.url)!, 'utf8')) as Package;

/** Of this build, as its package has it. */
export const VERSION = PACKAGE.version;

/** The oldest Node that it runs on, and the one that it is made for and installed with. */
export const NODE_LEAST = PACKAGE.engines.node;
export const NODE_PINNED = PACKAGE.dependencies.node;
