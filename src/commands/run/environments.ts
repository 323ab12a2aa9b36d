/** Who gets which variables: the application's must not steer the proxy that `run` starts, nor the other way round. */
import type { Environment } from './bundle.ts'

/**
 * What any program needs of its system. A proxy or an authority of a company only counts where the settings ask for it,
 * or adds trust.
 */
const SYSTEM =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TEMP|TMP|TZ|LANG|LC_[A-Z]+|XDG_[A-Z_]+|SystemRoot|APPDATA|LOCALAPPDATA|USERPROFILE|NODE_EXTRA_CA_CERTS|(?:https?|no|all)_proxy)$/i

/**
 * `caDir`: the folder of the authority. Neither LOG_LEVEL nor NODE_OPTIONS nor PORT of the application is among them.
 */
export function forProxy (env: Environment, caDir: string): Environment {
  const kept = Object.entries(env).filter(([name]) => name.startsWith('GOVERNOR_') || SYSTEM.test(name))
  return {
    GOVERNOR_LOG_LEVEL: 'warn',
    ...Object.fromEntries(
      kept
    ),
    GOVERNOR_PORT: '0',
    GOVERNOR_ADMIN_PORT: '0',
    GOVERNOR_HOST: '127.0.0.1',
    GOVERNOR_ADMIN_HOST: '127.0.0.1',
    GOVERNOR_CA_DIR: caDir
  }
}

/** The key of the deferral is the proxy's alone. */
export function forApplication (env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'GOVERNOR_DEFERRAL_KEY'))
}
