/**
 * The walls of the house, checked by dependency-cruiser: who may import whom, and no cycles.
 *
 * The plan: on which rooms each room of node-core stands, from the ground up. `base` is for everybody. A room that needs something of one
 * that is not named here declares what it needs (an interface in its `chain.ts` or `types.ts`), and a composition root hands it in. The
 * composition roots and those above them (chain/node, manager, api, command) have walls of their own further down.
 */
const PLAN = {
  base: [],
  scale: [],
  crypto: [],
  web: [],
  'json-rpc': [],
  metrics: [],
  keystore: ['crypto'],
  gateway: ['json-rpc', 'metrics', 'services/proto', 'services/wire', 'web'],
  network: ['crypto', 'metrics'],
  'chain/scale': ['crypto', 'scale'],
  'chain/trie': ['crypto'],
  'chain/state': ['chain/scale', 'chain/trie', 'scale'],
  'chain/runtime': ['chain/scale', 'chain/state', 'chain/trie', 'crypto', 'scale'],
  'chain/spec': ['chain/runtime', 'chain/scale', 'chain/state', 'chain/trie', 'crypto', 'scale'],
  'chain/joining': ['chain/core', 'chain/protocols', 'chain/scale', 'chain/state', 'chain/trie', 'crypto', 'network', 'scale'],
  'chain/sync': ['chain/scale', 'network'],
  'chain/protocols': ['chain/scale', 'chain/trie', 'network', 'scale'],
  'chain/explorer': ['chain/scale', 'crypto', 'scale'],
  'chain/rpc': ['chain/runtime', 'chain/scale', 'chain/state', 'crypto', 'json-rpc', 'scale', 'web'],
  'chain/core': ['chain/protocols', 'chain/runtime', 'chain/scale', 'chain/state', 'chain/trie', 'crypto', 'network', 'scale'],
  'chain/extrinsics': ['chain/explorer', 'chain/scale', 'chain/spec', 'crypto', 'scale'],
  'chain/queries': ['chain/explorer', 'chain/runtime', 'chain/scale', 'crypto', 'scale'],
  'chain/upgrades': ['chain/extrinsics', 'chain/scale', 'chain/spec', 'crypto', 'scale'],
}

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(PLAN).map(([room, ground]) => ({
      name: `${room.replace('/', '-')}-stands-on-its-ground`,
      comment: 'See the plan above.',
      severity: 'error',
      from: { path: `^node-core/${room}/` },
      to: { path: `^node-core/(?!(${['base', room, ...ground].join('|')})/)` },
    })),
    {
      name: 'node-core-stands-alone',
      comment: 'The node runs without a window.',
      severity: 'error',
      from: { path: '^node-core/' },
      to: { path: ['^electron/', '^renderer/', '^build/', '^test/', 'node_modules/(electron|electron-store|svelte)/'] },
    },
    {
      name: 'renderer-imports-only-types',
      comment: 'The window talks to the node through its API alone.',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: ['^node-core/', '^electron/', '^build/', '^test/'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-tests-in-the-product', severity: 'error', from: { path: '^(node-core|electron|renderer)/' }, to: { path: '^test/' } },
    {
      name: 'rpc-reads-only',
      comment: 'It is handed readers; the state service itself stays with core and the composition root.',
      severity: 'error',
      from: { path: '^node-core/chain/rpc/' },
      to: { path: '^node-core/chain/state/', pathNot: ['/types\\.ts$'] },
    },
    {
      name: 'the-manager-does-no-cryptography',
      comment: 'It has keys and nodes at hand that do.',
      severity: 'error',
      from: { path: '^node-core/manager/' },
      to: { path: '^node-core/(crypto|scale)/' },
    },
    {
      name: 'kinds-are-in-the-table',
      comment: 'The manager names no kind of node apart from its table.',
      severity: 'error',
      from: { path: '^node-core/manager/', pathNot: '^node-core/manager/kinds/' },
      to: { path: ['^node-core/chain/', '^node-core/manager/kinds/chain/'] },
    },
    {
      name: 'api-goes-through-the-manager',
      comment: 'The API sees a chain as the table of kinds shows it.',
      severity: 'error',
      from: { path: '^node-core/api/' },
      to: { path: '^node-core/chain/' },
    },
    {
      name: 'services-go-through-the-manager',
      comment: 'The service API sees a chain as the table of kinds shows it, too; it and the dashboard do not know each other.',
      severity: 'error',
      from: { path: '^node-core/services/' },
      to: { path: '^node-core/(?!(base|manager|keystore|metrics|network|net|services|web)/)' },
    },
    {
      name: 'services-are-not-known-below',
      severity: 'error',
      from: { path: '^node-core/(?!(services|command|gateway)/)' },
      to: { path: '^node-core/services/' },
    },
    {
      name: 'net-stands-on-the-network',
      comment: 'What opens the network to other programs knows no kind of node either.',
      severity: 'error',
      from: { path: '^node-core/net/' },
      to: { path: '^node-core/(?!(base|crypto|scale|metrics|network|net)/)' },
    },
    { name: 'a-chain-knows-no-mesh', severity: 'error', from: { path: '^node-core/chain/' }, to: { path: '^node-core/mesh/' } },
    { name: 'a-mesh-knows-no-chain', severity: 'error', from: { path: '^node-core/mesh/' }, to: { path: '^node-core/chain/' } },
    {
      name: 'engines-have-one-door',
      comment: 'A consensus engine is known by its interface; which one a chain has, the table picks. A further engine touches its own folder and the table.',
      severity: 'error',
      from: { path: '^(node-core|electron|renderer)/', pathNot: '^node-core/chain/core/engines/' },
      to: { path: '^node-core/chain/core/engines/', pathNot: '^node-core/chain/core/engines/(engine|joining|methods|table)\\.ts$' },
    },
    {
      name: 'engines-do-not-know-each-other',
      comment: 'What several engines share lies in engines/slots; the table alone combines them.',
      severity: 'error',
      from: { path: '^node-core/chain/core/engines/([^/]+)/' },
      to: { path: '^node-core/chain/core/engines/(?!slots/)[^/]+/', pathNot: '^node-core/chain/core/engines/$1/' },
    },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^(node-core|electron|renderer)/', pathNot: ['\\.d\\.ts$', 'types\\.ts$'] }, to: {} },
    { name: 'no-undeclared-packages', severity: 'error', from: {}, to: { dependencyTypes: ['npm-no-pkg', 'unknown'] } },
    { name: 'no-dev-packages-in-the-product', severity: 'error', from: { path: '^node-core/' }, to: { dependencyTypes: ['npm-dev'] } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // The launcher names a bundle that lies beside it in the package alone.
    exclude: { path: ['^out/', '^\\.cache/', '^build/headless/launcher\\.js$'] },
    // Imports of types count. 'specify' would compile each file, to mark those that are gone then; no rule asks for the mark.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
