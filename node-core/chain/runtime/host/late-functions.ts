/**
 * Host functions that are large and hardly ever imported: elliptic curves take some ten megabytes in every thread, and no relay
 * runtime uses them yet. Their code is loaded when a runtime calls one for the first time.
 *
 * Loading takes a turn of the event loop, and host functions have none: so that first call ends, with an error that says what
 * is missing, and whoever runs the thread loads it and makes the call once more (see serve.ts). A call leaves nothing behind,
 * so it comes to what it would have come to at once.
 */
import { RuntimeError } from '../errors.ts'
import type { HostContext, HostFunction, HostFunctions } from './context.ts'

const PREFIX = 'ext_host_calls_'

let families: readonly ((context: HostContext) => HostFunctions)[] = []

/** Those that are loaded. */
export function lateFunctions(context: HostContext): HostFunctions {
  return Object.assign({}, ...families.map((family) => family(context))) as HostFunctions
}

/** In the place of a function that is not loaded; undefined where the name is none of these. */
export function notLoaded(name: string): HostFunction | undefined {
  if (families.length > 0 || !name.startsWith(PREFIX)) return undefined
  return () => {
    throw new RuntimeError('RUNTIME_FUNCTIONS_NOT_LOADED', `the runtime called ${name}, whose code is not loaded`, { data: { name } })
  }
}

/** For all instances that are made from now on. */
export async function loadLateFunctions(): Promise<void> {
  const { ellipticCurveFunctions } = await import('./elliptic-curves.ts')
  families = [ellipticCurveFunctions]
}
