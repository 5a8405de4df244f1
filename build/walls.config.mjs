/** The walls of the house, checked by dependency-cruiser: who may import whom, and no cycles. */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
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
      name: 'rpc-and-network-read-only',
      comment: 'They are handed readers; the state service itself stays with core and the composition root.',
      severity: 'error',
      from: { path: '^node-core/(chain/(rpc|protocols|requests)|network|api)/' },
      to: { path: '^node-core/chain/(state|core)/', pathNot: ['/types\\.ts$'] },
    },
    {
      name: 'shared-ground-knows-no-node',
      comment: 'What every kind of node stands on knows none of them.',
      severity: 'error',
      from: { path: '^node-core/(base|crypto|scale|metrics|keystore)/' },
      to: { path: '^node-core/(chain|manager|api|command)/' },
    },
    {
      name: 'base-is-the-ground',
      severity: 'error',
      from: { path: '^node-core/base/' },
      to: { path: '^node-core/(?!base/)' },
    },
    {
      name: 'network-knows-no-kind-of-node',
      comment: 'Topics and requests are descriptors that their owners register; see network/contracts.ts.',
      severity: 'error',
      from: { path: '^node-core/network/' },
      to: { path: '^node-core/(?!(base|crypto|scale|metrics|network)/)' },
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
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^(node-core|electron|renderer)/', pathNot: ['\\.d\\.ts$', 'types\\.ts$'] }, to: {} },
    { name: 'no-undeclared-packages', severity: 'error', from: {}, to: { dependencyTypes: ['npm-no-pkg', 'unknown'] } },
    { name: 'no-dev-packages-in-the-product', severity: 'error', from: { path: '^node-core/' }, to: { dependencyTypes: ['npm-dev'] } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // The launcher names a bundle that lies beside it in the package alone.
    exclude: { path: ['^out/', '^\\.cache/', '^build/headless/launcher\\.js$'] },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
