/** The last commit of the release before: from which an upgrade comes, and after whose migrations nothing is taken away. */
export const PREVIOUS_RELEASE = 'cac7e15e857fddcc2544c89cdaa24e7897f30a11';

/** The last migration that it has. */
export const PREVIOUS_MIGRATION = 'Insights1700000036000';
