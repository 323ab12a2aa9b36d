/** Who may import whom: docs/architecture.md. */
const only = (name, from, to) => ({
  name, severity: 'error', from: { path: from }, to: { path: '^src/', pathNot: to }
})
const noNpm = (from, allowed) => ({
  name: `${from}-packages`,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer'], pathNot: allowed.map((p) => `node_modules/${p}/`) }
})
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-test-in-src', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|bench)/' } },
    only('policy-alone', '^src/policy/', ['^src/policy/']),
    only('twilio-on-policy', '^src/twilio/', ['^src/(policy|twilio)/']),
    only('proxy-inward', '^src/proxy/', ['^src/(policy|twilio|proxy)/']),
    only('telemetry-inward', '^src/telemetry/', ['^src/(policy|twilio|proxy|telemetry)/']),
    only('state-file-inward', '^src/state-file/', ['^src/(policy|proxy|state-file)/']),
    only('windows-inward', '^src/windows/', ['^src/(proxy|windows)/']),
    only('deferral-inward', '^src/deferral/', ['^src/(policy|twilio|proxy|deferral)/', '^src/state-file/file']),
    only('interception-inward', '^src/interception/', ['^src/(twilio|proxy|interception)/', '^src/state-file/file']),
    only('run-apart', '^src/run/', ['^src/(interception|run)/', '^src/state-file/file']),
    only('doctor-apart', '^src/doctor/', ['^src/(twilio|run|doctor)/', '^src/interception/authority']),
    only('admin-inward', '^src/admin/', ['^src/(policy|twilio|proxy|telemetry|admin)/']),
    only('simulator-apart', '^src/simulator/', ['^src/(policy|twilio|simulator)/']),
    only('plan-apart', '^src/plan/', ['^src/(policy|twilio|proxy|plan)/', '^src/simulator/model/', '^src/app\\.ts', '^src/config/schema/', '^src/telemetry/account-labels']),
    only('demo-apart', '^src/demo/', ['^src/(demo|simulator|app\\.ts|config|telemetry)']),
    {
      name: 'config-types-only',
      severity: 'error',
      from: { path: '^src/config/' },
      to: { path: '^src/', pathNot: ['^src/config/', '^src/twilio/products\\.ts'], dependencyTypesNot: ['type-only'] }
    },
    {
      name: 'listeners-types-only',
      severity: 'error',
      from: { path: '^src/(telemetry|state-file|windows)/' },
      to: { path: '^src/(proxy|policy)/', pathNot: '^src/policy/counts/memo', dependencyTypesNot: ['type-only'] }
    },
    {
      name: 'pure-core-no-builtins',
      severity: 'error',
      from: { path: '^src/(policy|twilio|simulator/model)/' },
      to: { dependencyTypes: ['core'] }
    },
    noNpm('policy', []),
    noNpm('twilio', []),
    noNpm('proxy', ['fastify', '@fastify/http-proxy', 'undici', 'jsonc-parser']),
    noNpm('telemetry', ['prom-client', 'pino']),
    noNpm('state-file', []),
    noNpm('windows', ['temporal-polyfill']),
    noNpm('deferral', ['libsql', 'bottleneck']),
    noNpm('interception', ['@peculiar', 'reflect-metadata']),
    noNpm('run', []),
    noNpm('doctor', []),
    noNpm('plan', ['undici']),
    noNpm('admin', ['fastify']),
    noNpm('config', ['yaml', 'typebox', 'ajv']),
    noNpm('simulator', ['fastify', 'yaml', 'typebox', 'ajv'])
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] }
  }
}
