/** `completion`: a script that completes commands and flags in a shell. */
import { defineCommand } from '../definition/command.ts'
import { invalid } from '../definition/errors.ts'

export const completion = defineCommand({
  name: 'completion',
  summary: 'print a completion script for a shell',
  part: 'program',
  words: [{ name: 'shell', help: 'bash, zsh, fish or powershell', choices: ['bash', 'zsh', 'fish', 'powershell'] }],
  flags: {},
  examples: [['completion bash > /etc/bash_completion.d/nodestead', 'For every user of bash; zsh, fish and powershell in their own places.']],
  run: async ({ words: [name], commands, terminal }) => {
    const { completionScript, SHELLS } = await import('../completion/completion.ts')
    const shell = SHELLS.find((one) => one === name)
    if (shell === undefined) throw invalid(`There is no completion for "${name ?? ''}": there is for ${SHELLS.join(', ')}.`)
    const script = completionScript(shell, 'nodestead', commands)
    terminal.result({ shell, script }, script)
    return undefined
  },
})
