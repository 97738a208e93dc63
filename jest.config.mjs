/**
 * Unit tests stand beside the code; end-to-end tests run against the built service, real HTTP and a real mongod; `npm run
 * test:slurm` alone runs those that start a real Slurm, and `npm run test:faults` those that break what the service runs on.
 */
const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^#libs/(.*)$': '<rootDir>/libs/$1/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: { '^.+\\.ts$': ['@swc/jest', { swcrc: false, ...swcOptions() }] },
};

function swcOptions() {
  return {
    sourceMaps: 'inline',
    module: { type: 'es6' },
    jsc: {
      target: 'es2024',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
      keepClassNames: true,
    },
  };
}

export default {
  testTimeout: 30_000,
  // The files mostly wait for processes that they started; each worker is begun anew before its modules fill the memory.
  maxWorkers: 2,
  workerIdleMemoryLimit: '1GB',
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,libs,test/bench,test/slurm,test/faults}/**/*.spec.ts'],
    },
    {
      ...common,
      displayName: 'slurm',
      testMatch: ['<rootDir>/test/slurm/**/*.slurm.ts'],
      globalSetup: '<rootDir>/test/support/database.setup.mjs',
      globalTeardown: '<rootDir>/test/support/database.teardown.mjs',
    },
    { ...common, displayName: 'faults', testMatch: ['<rootDir>/test/faults/**/*.faults.ts'] },
    {
      ...common,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.e2e.ts'],
      globalSetup: '<rootDir>/test/support/database.setup.mjs',
      globalTeardown: '<rootDir>/test/support/database.teardown.mjs',
    },
  ],
};
