import neostandard from 'neostandard'
import tseslint from 'typescript-eslint'

const ambient = [
  { name: 'Date', message: 'Time is an argument in the pure core.' },
  { name: 'performance', message: 'Time is an argument in the pure core.' },
  { name: 'process', message: 'The pure core knows no process.' },
  { name: 'setTimeout', message: 'Timers stay at the edge.' },
  { name: 'setInterval', message: 'Timers stay at the edge.' },
  { name: 'setImmediate', message: 'Timers stay at the edge.' },
  { name: 'queueMicrotask', message: 'Timers stay at the edge.' }
]

export default tseslint.config(
  { ignores: ['dist/', 'dist-*/', 'node_modules/', '.tap/', 'bench/out/'] },
  ...neostandard({ ts: true }),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-void': ['error', { allowAsStatement: true }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }]
    }
  },
  {
    // Only the command line ends the process: what it calls may run within the process of another program.
    files: ['src/**/*.ts'],
    ignores: ['src/main.ts', 'src/commands/*.ts'],
    rules: {
      'no-restricted-properties': ['error', {
        object: 'process', property: 'exit', message: 'Return or throw: only a command ends the process.'
      }]
    }
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // tap's assertions and its subtests return promises that the runner itself awaits.
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-await': 'off'
    }
  },
  {
    // The core decides; it is told the time and the chance.
    files: ['src/policy/**/*.ts', 'src/twilio/**/*.ts', 'src/simulator/model/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...ambient],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Chance is an argument in the pure core.' }]
    }
  }
)
