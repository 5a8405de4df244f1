/** That a program of the test command is run to its end, and not waited for when it has none. */
import { execFileSync } from 'node:child_process'
import { getPriority } from 'node:os'
import { describe, expect, it } from 'vitest'
import { execute } from '../../../build/execute.ts'

const node = (script: string, silenceMs = 60_000) => execute('a program', process.execPath, ['-e', script], { silenceMs, echo: false })

describe('a program', () => {
  it('is told by its exit code, and by the end of what it printed', async () => {
    expect(await node(`console.log('x'.repeat(9000)); console.error('the end'); process.exitCode = 3`)).toMatchObject({ code: 3, tail: expect.stringMatching(/x\n*the end\n$/) })
    expect(await node('')).toMatchObject({ code: 0, tail: '' })
  })

  it('that is ended by a signal has failed', async () => {
    expect(await node(`process.kill(process.pid, 'SIGKILL')`)).toMatchObject({ code: 1 })
  })

  it('that is not there has failed, and says what to do', async () => {
    expect(await execute('a program', 'nodestead-no-such-program', [], { echo: false })).toMatchObject({ code: 1, tail: expect.stringContaining('Run npm ci first.') })
  })

  it('that says nothing more is ended, though it would end well, and has failed', async () => {
    const { code, tail } = await node(`process.on('SIGTERM', () => process.exit(0)); console.log(process.pid); setInterval(() => {}, 1000)`, 1_500)
    expect(code).toBe(1)
    expect(tail).toContain('a program said nothing for 1.5 seconds, and was ended.')
    expect(() => execFileSync('kill', ['-0', tail.split('\n')[0] ?? ''], { stdio: 'ignore' })).toThrow()
  })

  it('that goes on saying something is not ended', async () => {
    expect(await node(`let n = 0; const timer = setInterval(() => (console.log(n), ++n === 12 && clearInterval(timer)), 250)`, 2_000)).toMatchObject({ code: 0 })
  })

  it.skipIf(process.platform === 'win32')('that is patient gives way to the others', async () => {
    const { tail } = await execute('a program', process.execPath, ['-e', `console.log(os.getPriority())`], { isPatient: true, echo: false })
    expect(Number(tail)).toBe(Math.min(19, getPriority() + 5))
  })
})
