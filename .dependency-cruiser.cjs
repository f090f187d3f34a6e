/**
 * Imports go one way: rooms, http → domains → database, entities. draw imports nothing. A domain calls another's public verb,
 * never its store.
 */
const DOMAINS = 'auth|audit|points|lottery|chat|notifications|events|admin|inventory|images|analytics|smart';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'draw-is-pure',
      comment: 'The engine runs in the server, the verifier and a browser.',
      severity: 'error',
      from: { path: '^src/draw/' },
      to: { pathNot: '^src/draw/' },
    },
    {
      name: 'entities-are-shapes',
      severity: 'error',
      from: { path: '^entities/' },
      to: { path: '^(src|rooms|loadtest|test)/' },
    },
    {
      name: 'database-knows-no-domain',
      severity: 'error',
      from: { path: '^src/database/' },
      to: { path: `^(rooms/|src/(http|cluster|cli|demo|${DOMAINS})/)` },
    },
    {
      name: 'domains-know-no-edge',
      comment: 'Only routes files (routes.ts, userRoutes.ts), the HTTP edge of their domain, may know HTTP.',
      severity: 'error',
      from: { path: `^src/(${DOMAINS})/`, pathNot: '/\\w*[rR]outes\\.ts$' },
      to: { path: '^(rooms|src/http)/' },
    },
    {
      name: 'http-knows-no-domain',
      comment:
        'Routes are handed to it; it asks permissions.ts alone who may call them, and names the caller as auditLog.ts does.',
      severity: 'error',
      from: { path: '^src/http/' },
      to: { path: `^(rooms/|src/(${DOMAINS})/)`, pathNot: '^src/(auth/permissions|audit/auditLog)\\.ts$' },
    },
    {
      name: 'stores-are-private',
      severity: 'error',
      from: { path: `^src/(${DOMAINS})/` },
      to: { path: `^src/(${DOMAINS})/\\w*[sS]tore\\.ts$`, pathNot: '^src/$1/' },
    },
    {
      name: 'no-sql-in-rooms',
      severity: 'error',
      from: { path: '^rooms/' },
      to: { path: '^(src/database/|entities/|node_modules/typeorm)|/\\w*[sS]tore\\.ts$' },
    },
    {
      name: 'product-without-tests',
      severity: 'error',
      from: { path: '^(src|rooms|entities)/' },
      to: { path: '^(test|loadtest|sim)/' },
    },
    {
      name: 'client-runs-in-a-browser',
      comment: 'Of the server it may know shapes, as types.',
      severity: 'error',
      from: { path: '^src/client/' },
      to: { pathNot: '^(src/client/|node_modules/@colyseus/)', dependencyTypesNot: ['type-only'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
