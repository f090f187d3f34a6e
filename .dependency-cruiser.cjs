/**
 * Imports go one way: rooms, platform/http → domains → platform, entities. draw imports nothing, platform knows no domain. A
 * domain calls another's public verb, never its store.
 */
const DOMAINS =
  'identity|points|lottery|inventory|chat|notifications|images|analytics|smart|admin|books|demo|words|products|trades|reviews|configuration|doctor|backup';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
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
      name: 'platform-knows-no-domain',
      comment: 'Of the tables it knows its own, and all of them as one list for the data source.',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: {
        path: `^(rooms/|src/[^/]+\\.ts|src/(cli|draw|client|verifier|${DOMAINS})/|entities/(?!index\\.ts|platform/))`,
      },
    },
    {
      name: 'domains-know-no-edge',
      comment: 'Only routes files (routes.ts, userRoutes.ts), the HTTP edge of their domain, may know HTTP.',
      severity: 'error',
      from: { path: `^src/(${DOMAINS})/`, pathNot: '/\\w*[rR]outes\\.ts$' },
      to: { path: '^(rooms|src/platform/http)/' },
    },
    {
      name: 'stores-are-private',
      severity: 'error',
      from: { path: `^src/(${DOMAINS})/` },
      to: { path: `^src/(${DOMAINS})/.*[sS]tore\\.ts$`, pathNot: '^src/$1/' },
    },
    {
      name: 'tables-are-private',
      comment: 'Those of another domain are reached by its verbs.',
      severity: 'error',
      from: { path: `^src/(${DOMAINS})/`, pathNot: '^src/(books|demo)/' },
      to: { path: `^entities/(${DOMAINS})/`, pathNot: '^entities/$1/' },
    },
    {
      name: 'no-sql-in-rooms',
      severity: 'error',
      from: { path: '^rooms/' },
      to: { path: '^(src/platform/database/|entities/|node_modules/typeorm)|/\\w*[sS]tore\\.ts$' },
    },
    {
      name: 'product-without-tests',
      severity: 'error',
      from: { path: '^(src|rooms|entities)/' },
      to: { path: '^(test|loadtest)/' },
    },
    {
      name: 'client-runs-in-a-browser',
      comment: 'Of the server it may know shapes, as types.',
      severity: 'error',
      from: { path: '^src/client/' },
      to: { pathNot: '^(src/client/|node_modules/@colyseus/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'verifier-runs-in-a-browser',
      comment: 'Whoever checks draws needs nothing of the server.',
      severity: 'error',
      from: { path: '^src/verifier/' },
      to: { pathNot: '^(src/(verifier|draw)/|node_modules/(zod|canonicalize|@noble/hashes)/)' },
    },
    {
      name: 'pages-stand-on-the-client',
      comment:
        'Of the server they may know shapes, as types; the editor checks documents by the very rules of the server.',
      severity: 'error',
      from: { path: '^web/' },
      to: {
        pathNot:
          '^(web/|build/clientBundle\\.ts|src/(client|verifier|draw)/|src/lottery/manage/(documentShapes|documentProblems|terms)\\.ts|src/platform/errors\\.ts|node_modules/)',
        dependencyTypesNot: ['type-only', 'core'],
      },
    },
    {
      name: 'faces-are-apart',
      comment:
        'The console shows the diner what diners see: the stages and the proof, and nothing else of theirs.',
      severity: 'error',
      from: { path: '^web/diner/' },
      to: { path: '^web/admin/' },
    },
    {
      name: 'product-without-pages',
      severity: 'error',
      from: { path: '^(src|rooms|entities)/' },
      to: { path: '^web/' },
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
      extensions: ['.ts', '.js', '.json', '.vue'],
    },
  },
};
