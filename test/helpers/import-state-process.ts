/** `import-state` in a process of its own, whose memory a test reads: the arguments are the command's; what it says last is the most that the process has taken, in bytes. */
import { runCommand } from './run-command.ts'

/** `code` and `stderr` as of the command; `peak` of this process, `before` what it had taken when the command began. */
export interface ImportStateEnd {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly before: number
  readonly peak: number
}

const peak = (): number => process.resourceUsage().maxRSS * 1024
const before = peak()
const { code, stdout, stderr } = await runCommand(process.argv.slice(2))
const end: ImportStateEnd = { code, stdout, stderr, before, peak: peak() }
process.send?.(end, () => process.exit(0))
