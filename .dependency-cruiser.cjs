/** Who may import whom: docs/architecture.md. */
const only = (name, from, to) => ({
  name, severity: 'error', from: { path: from }, to: { path: '^src/', pathNot: to }
})
/**
 * A room of the proxy imports values only from itself, what it is built on, and what all rooms share. Types may come
 * from any room: an exchange carries what many of them make.
 */
const SHARED = ['errors', 'reasons', 'events', 'exchange-state', 'match', 'digest'].map((name) => `^src/proxy/${name}\\.ts`)
const room = (name, on) => ({
  name: `room-${name}`,
  severity: 'error',
  from: { path: `^src/proxy/${name}/` },
  to: {
    path: '^src/proxy/',
    pathNot: [`^src/proxy/${name}/`, '^src/proxy/ports/', ...SHARED, ...on.map((path) => `^src/proxy/${path}`)],
    dependencyTypesNot: ['type-only']
  }
})
const noNpm = (from, allowed) => ({
  name: `${from}-packages`,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer'], pathNot: allowed.map((p) => `node_modules/${p}/`) }
})
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-test-in-src', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|bench)/' } },
    only('policy-alone', '^src/policy/', ['^src/policy/']),
    only('twilio-on-policy', '^src/twilio/', ['^src/(policy|twilio)/']),
    only('proxy-inward', '^src/proxy/', ['^src/(policy|twilio|proxy)/']),
    room('ports', []),
    room('clients', []),
    room('gate', []),
    room('forward', []),
    room('guard', ['forward/']),
    room('repeats', []),
    room('reply', ['forward/', 'reads/cached-answer']),
    room('reads', ['forward/', 'reply/']),
    room('pacing', ['forward/', 'gate/', 'guard/']),
    room('ingress', ['clients/', 'forward/', 'reply/']),
    room('line', ['forward/', 'gate/', 'guard/', 'reply/']),
    only('telemetry-inward', '^src/telemetry/', ['^src/(policy|twilio|proxy|telemetry)/']),
    only('storage-inward', '^src/storage/', ['^src/(policy|proxy|storage)/']),
    only('open-hours-inward', '^src/open-hours/', ['^src/(proxy|open-hours)/']),
    only('deferral-inward', '^src/deferral/', ['^src/(policy|twilio|proxy|deferral)/', '^src/storage/file']),
    only('interception-inward', '^src/interception/', ['^src/(twilio|proxy|interception)/', '^src/storage/file']),
    only('run-apart', '^src/commands/run/', ['^src/(interception|commands/run)/', '^src/storage/file']),
    only('doctor-apart', '^src/commands/doctor/', ['^src/(twilio|commands/(run|doctor))/', '^src/interception/authority']),
    only('access-inward', '^src/access/', ['^src/(policy|twilio|proxy|access)/', '^src/storage/file']),
    only('token-apart', '^src/commands/token/', ['^src/commands/token/', '^src/access/token']),
    only('admin-inward', '^src/admin/', ['^src/(policy|twilio|proxy|telemetry|admin)/']),
    only('simulator-apart', '^src/simulator/', ['^src/(policy|twilio|simulator)/']),
    only('plan-apart', '^src/commands/plan/', ['^src/(policy|twilio|proxy|commands/plan)/', '^src/simulator/model/', '^src/line-options\\.ts', '^src/config/schema/', '^src/telemetry/account-labels']),
    only('start-apart', '^src/commands/start/', ['^src/(commands/start/|app\\.ts|config/|telemetry/)', '^src/commands/(failure|settings)\\.ts']),
    only('demo-apart', '^src/commands/demo/', ['^src/(commands/demo|simulator|app\\.ts|config|telemetry)']),
    only('line-options-alone', '^src/line-options\\.ts', ['^src/(policy|proxy|open-hours)/', '^src/config/schema/']),
    { name: 'main-first', severity: 'error', from: {}, to: { path: '^src/main\\.ts' } },
    {
      // Only main.ts imports the files that declare commands. The folders that do their work never import back.
      name: 'commands-from-main',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/main\\.ts', '^src/commands/[^/]+\\.ts', '^src/commands/start/'] },
      to: { path: '^src/commands/[^/]+\\.ts' }
    },
    {
      // A command loads what it needs when it runs: so `--version` and `check` stay quick.
      name: 'commands-load-late',
      severity: 'error',
      from: { path: ['^src/main\\.ts', '^src/commands/[^/]+\\.ts'] },
      to: {
        path: '^src/',
        pathNot: ['^src/config/', '^src/commands/[^/]+\\.ts', '^src/proxy/ingress/addresses\\.ts'],
        dynamic: false,
        dependencyTypesNot: ['type-only']
      }
    },
    {
      name: 'commands-packages',
      severity: 'error',
      from: { path: ['^src/main\\.ts', '^src/commands/[^/]+\\.ts'] },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer'],
        pathNot: 'node_modules/commander/',
        dynamic: false
      }
    },
    {
      name: 'config-types-only',
      severity: 'error',
      from: { path: '^src/config/' },
      to: { path: '^src/', pathNot: ['^src/config/', '^src/twilio/'], dependencyTypesNot: ['type-only'] }
    },
    {
      name: 'listeners-types-only',
      severity: 'error',
      from: { path: '^src/(telemetry|storage|open-hours)/' },
      to: {
        path: '^src/(proxy|policy)/',
        // Closed sets, which are labels and values of logs.
        pathNot: ['^src/policy/counts/memo', '^src/policy/limit/limit\\.ts', '^src/proxy/reasons\\.ts', '^src/proxy/ports/deferral\\.ts'],
        dependencyTypesNot: ['type-only']
      }
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
    noNpm('storage', []),
    noNpm('open-hours', ['temporal-polyfill']),
    noNpm('deferral', ['libsql', 'bottleneck']),
    noNpm('interception', ['@peculiar', 'reflect-metadata']),
    noNpm('commands/run', []),
    noNpm('commands/doctor', []),
    noNpm('commands/plan', ['undici']),
    noNpm('access', []),
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
