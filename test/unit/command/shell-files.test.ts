import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../node-core/command/commands/table.ts'
import { completionScript, SHELLS, type Shell } from '../../../node-core/command/completion/completion.ts'
import { powershellScript } from '../../../node-core/command/completion/powershell.ts'
import { flagsOf } from '../../../node-core/command/definition/command.ts'
import { EXIT_MEANINGS } from '../../../node-core/command/definition/exit-codes.ts'
import { onTerminals, whyNoTerminals } from '../../helpers/pseudo-terminal.ts'
import { manPage } from '../../../node-core/command/manual/man-page.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodestead-shell-'))
  for (const shell of SHELLS) writeFileSync(join(folder, `nodestead.${shell}`), completionScript(shell, 'nodestead', COMMANDS))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const PROGRAMS: Record<Shell, string> = { bash: 'bash', zsh: 'zsh', fish: 'fish', powershell: 'pwsh' }
const has = (program: string): boolean => process.platform !== 'win32' && spawnSync(program, ['--version']).status === 0

/** What bash would offer behind these words. */
function offered(...words: string[]): string[] {
  const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _nodestead; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', script, 'bash', join(folder, 'nodestead.bash'), 'nodestead', ...words], { encoding: 'utf8', cwd: folder }).trim().split('\n')
}

/** What is typed, and what is offered for it: the first of them where a shell takes one at once. */
const TYPED: readonly (readonly [typed: string, offered: readonly string[]])[] = [
  ['pu', ['purge-chain']],
  ['key gen', ['generate', 'generate-node-key']],
  ['key generate --wo', ['--words']],
  ['key generate --words 2', ['21', '24']],
  ['--valid', ['--validator']],
  ['run --sync w', ['warp']],
  ['key inspect nodestead.f', ['nodestead.fish']],
  ['completion p', ['powershell']],
  ['help pu', ['purge-chain']],
]

describe('completion', () => {
  it.each(SHELLS)('for %s has every command and flag', (shell) => {
    const script = completionScript(shell, 'nodestead', COMMANDS)
    for (const command of COMMANDS) {
      for (const word of command.name.split(' ')) expect(script).toContain(word)
      for (const name of Object.keys(flagsOf(command))) expect(script).toContain(shell === 'fish' ? `-l ${name}` : `--${name}`)
    }
  })

  it.runIf(has('bash'))('completes commands, flags of the command, choices and files in bash', () => {
    for (const [typed, expected] of TYPED) expect([typed, offered(...typed.split(' '))]).toEqual([typed, expected])
    expect(offered('pu')).toEqual(['purge-chain'])
    expect(offered('key', 'gen')).toEqual(['generate', 'generate-node-key'])
    expect(offered('key', 'generate', '--wo')).toEqual(['--words'])
    expect(offered('key', 'generate', '--words', '2')).toEqual(['21', '24'])
    expect(offered('--valid')).toEqual(['--validator'])
    expect(offered('run', '--sync', '')).toEqual(['full', 'warp'])
    expect(offered('key', 'inspect', 'nodestead.f')).toEqual(['nodestead.fish'])
  })

  it.runIf(has('fish'))('completes commands, flags of the command, choices and files in fish', () => {
    const offers = (line: string): string[] => execFileSync('fish', ['--no-config', '-c', `source nodestead.fish; complete -C '${line}'`], { encoding: 'utf8', cwd: folder }).trim().split('\n').map((row) => row.split('\t')[0] as string)
    for (const [typed, expected] of TYPED) expect([typed, offers(`nodestead ${typed}`)]).toEqual([typed, expected])
  })

  it.runIf(has('zsh') && whyNoTerminals() === undefined)('completes the same in zsh', async () => {
    // Tab, as a person presses it: what is behind the words afterwards is read aloud by a command of that name.
    const ready = `PS1='> '; autoload -Uz compinit && compinit -D -u; source ${join(folder, 'nodestead.zsh')}; cd ${folder}; bindkey '^I' menu-complete; nodestead() { print -r -- GO"T:$*:" }; print REA''DY\r`
    const ends = await onTerminals(TYPED.map(([typed]) => ({ program: 'zsh', argv: ['-f', '-i'], columns: 200, env: { PS1: '# ' }, steps: [{ wait: '# ', send: ready }, { wait: 'READY.*> ', send: `nodestead ${typed}\t\r` }, { wait: 'GOT:', send: '' }, { wait: ':', send: 'exit\r' }] })))
    for (const [at, [typed, [first = '']]] of TYPED.entries()) expect([typed, /GOT:(.*?) ?:/.exec(ends[at]?.output ?? '')?.[1]]).toEqual([typed, `${typed.slice(0, typed.lastIndexOf(' ') + 1)}${first}`])
  })

  // Which shells a machine has differs: each that is there loads its script.
  it.each(SHELLS.filter((shell) => shell !== 'bash'))('is loaded by %s where that is installed', (shell) => {
    if (!has(PROGRAMS[shell])) return
    const path = join(folder, `nodestead.${shell}`)
    const args: Record<Exclude<Shell, 'bash'>, string[]> = { zsh: ['-f', '-c', `autoload -Uz compinit && compinit -D -u && source ${path}`], fish: ['--no-config', '-c', `source ${path}`], powershell: ['-NoProfile', '-File', path] }
    const { status, stderr } = spawnSync(PROGRAMS[shell], args[shell], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  })
})

describe('the script for PowerShell', () => {
  const flag = { name: 'one', short: undefined, help: 'what the node’s peers are ‘asked’', takesValue: false, multiple: false, choices: [], completes: undefined }
  const command = { summary: "a node's", flags: [flag], completes: undefined, choices: [] }
  const script = powershellScript('nodestead', [{ ...command, words: ['key', 'list'] }, { ...command, words: ['key'] }])

  it('doubles typographic quotes as well, which end a text there, and keeps a list of one flag a list', () => {
    expect(script).toContain("  'key list' = @(,@('--one', 'what the node’’s peers are ‘‘asked’’'))\n")
    expect(script).toContain("'a node''s'")
  })

  it('has the shorter of two names first, and tables that are there when the completer runs', () => {
    expect(script.indexOf("@('key',")).toBeLessThan(script.indexOf("@('key list',"))
    for (const [, name] of script.matchAll(/^\$(\S+) = @/gm)) expect(name).toMatch(/^global:nodestead/)
  })
})

describe('the manual', () => {
  const page = manPage('nodestead', '1.2.3', COMMANDS)

  it('has every command, flag, example and exit code', () => {
    const plain = page.replaceAll('\\-', '-')
    for (const command of COMMANDS) {
      expect(plain).toContain(`.SS ${command.name}\n`)
      for (const name of Object.keys(flagsOf(command))) expect(plain).toContain(`--${name}`)
      for (const [line] of command.examples) expect(plain).toContain(line)
    }
    for (const [code] of EXIT_MEANINGS) expect(page).toContain(`.B ${code}\n`)
  })

  it.runIf(has('man') || has('groff'))('is understood by man without a warning', () => {
    const path = join(folder, 'nodestead.1')
    writeFileSync(path, page)
    const [program, ...args] = has('groff') ? ['groff', '-man', '-Tutf8', '-ww', path] : ['man', '--warnings', '-l', path]
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
    // Bold is a letter over itself.
    expect(stdout.replaceAll(/.[\b]/g, '')).toContain('SYNOPSIS')
  })
})
