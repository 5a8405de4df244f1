/** That compiled Wasm is not freed beneath threads that run it, seen in V8's own trace of it. */
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

const FLAGS = ['--expose-gc', '--trace-wasm-code-gc', '--stress-wasm-code-gc', '--wasm-wrapper-tiering-budget=1']
const KEEP = new URL('../../../node-core/runtime/keep-code.ts', import.meta.url)

/** A function that calls an imported one: each instance that goes leaves a wrapper behind that nobody uses. */
const MODULE = '0061736d0100000001040160000002070101650166000003020100070501016700010a0601040010000b'

/** What V8 says of freeing code while instances come and go. */
function traceOf(before: string): string {
  const script = `
    ${before}
    const module = new WebAssembly.Module(Buffer.from('${MODULE}', 'hex'))
    for (let round = 0; round < 20; round++) {
      const { exports } = new WebAssembly.Instance(module, { e: { f() {} } })
      for (let call = 0; call < 5; call++) exports.g()
      gc()
      await new Promise(setImmediate)
    }
    console.log('done')`
  const { stdout } = spawnSync(process.execPath, [...FLAGS, '--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(stdout).toContain('done')
  return stdout
}

it('V8 frees the code of instances that are gone', () => {
  expect(traceOf('')).toContain('[wasm-gc]')
})

it('keeps it once it is asked to', () => {
  const trace = traceOf(`
    const { keepCompiledCode } = await import('${KEEP}')
    keepCompiledCode()
    console.log('kept from here')`)
  expect(trace.slice(trace.indexOf('kept from here'))).not.toContain('[wasm-gc]')
})
