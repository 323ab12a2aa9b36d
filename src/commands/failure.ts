/** How a command tells that it cannot do its work. */

/**
 * Reports a fault of the user or the machine in a sentence: a setting, a port in use, a file that cannot be read. Any
 * other error is ours: it is thrown on, with its stack.
 */
export function fail (error: unknown, exitCode = 1): void {
  if (!(error instanceof Error && ('faults' in error || 'syscall' in error))) throw error
  console.error(error.message)
  process.exitCode = exitCode
}
