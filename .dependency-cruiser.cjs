/**
 * The one-way arrows: apps → feature libraries → clusters → auth → limits, audit → database → json, metrics, tracing, common; slurm
 * knows nobody. A library is imported by its index alone, and nothing goes round in circles.
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'library-by-its-index',
      comment: 'A library is imported as #libs/NAME; its other files are its own.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/([^/]+)/', pathNot: ['^libs/$1/', '^libs/[^/]+/index\\.ts$'] },
    },
    {
      name: 'app-imports-library-by-its-index',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^libs/', pathNot: ['^libs/[^/]+/index\\.ts$', '^libs/database/embedded/keeper/index\\.ts$'] },
    },
    {
      name: 'libraries-know-no-app',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'apps-are-apart',
      comment: 'The command line starts the API (its demo) and the collector by their indexes; nothing else crosses.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: ['^apps/$1/', '^apps/(api|collector)/index\\.ts$'] },
    },
    {
      name: 'slurm-is-pure',
      comment: 'Text in, typed records out: no Nest, no database, no other library.',
      severity: 'error',
      from: { path: '^libs/slurm/', pathNot: '\\.spec\\.ts$' },
      to: { path: ['^libs/(?!slurm/)', '@nestjs', 'mongo', '^apps/'] },
    },
    {
      name: 'foundations-know-no-feature',
      severity: 'error',
      from: { path: '^libs/(auth|audit|database|limits|common|json)/' },
      to: { path: '^libs/(jobs|nodes|gpu|health|slurm|lists|clusters)/' },
    },
    {
      name: 'audit-and-below-know-no-auth',
      severity: 'error',
      from: { path: '^libs/(audit|database|common|json)/' },
      to: { path: '^libs/auth/' },
    },
    {
      name: 'limits-know-common-alone',
      comment: 'They count keys and addresses, and know neither accounts nor data.',
      severity: 'error',
      from: { path: '^libs/limits/' },
      to: { path: '^libs/', pathNot: ['^libs/(limits|common)/'] },
    },
    {
      name: 'json-and-common-stand-alone',
      severity: 'error',
      from: { path: '^libs/(common|json)/' },
      to: { path: '^libs/', pathNot: ['^libs/(common|json)/', '^libs/(common|json)/index\\.ts$'] },
    },
    {
      name: 'metrics-and-tracing-know-common-alone',
      comment: 'Everybody may count and trace; so these two know nobody.',
      severity: 'error',
      from: { path: '^libs/(metrics|tracing)/' },
      to: { path: '^libs/', pathNot: ['^libs/$1/', '^libs/common/index\\.ts$'] },
    },
    {
      name: 'opentelemetry-in-one-file',
      comment: 'It is loaded by who traces alone.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^libs/tracing/otlp-tracer\\.ts$' },
      to: { path: '@opentelemetry' },
    },
    {
      name: 'lists-know-no-feature',
      comment: 'The list path serves every feature and knows none of them, nor who asks.',
      severity: 'error',
      from: { path: '^libs/lists/' },
      to: { path: '^libs/(jobs|nodes|gpu|health|slurm|auth|clusters)/' },
    },
    {
      name: 'clusters-know-no-feature',
      comment: 'How fresh a cluster is shows in the answers of the features, which ask for it.',
      severity: 'error',
      from: { path: '^libs/clusters/' },
      to: { path: '^libs/(jobs|nodes|gpu|health|lists)/' },
    },
    {
      name: 'features-apart',
      comment: 'Of the features, nodes alone needs another: gpu, by its exported service.',
      severity: 'error',
      from: { path: '^libs/(jobs|gpu|health)/' },
      to: { path: '^libs/(jobs|nodes|gpu|health)/', pathNot: '^libs/$1/' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot:
          '\\.(spec|e2e|slurm|faults|hostile|d)\\.ts$|^test/fuzz/(targets|planted)/|\\.setup\\.|\\.teardown\\.|\\.mjs$|main\\.ts$|worker\\.ts$',
      },
      to: {},
    },
    {
      name: 'product-needs-no-test-code',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    exclude: { path: '^dist/' },
    enhancedResolveOptions: { conditionNames: ['types', 'import', 'node', 'default'], exportsFields: ['exports'] },
  },
};
