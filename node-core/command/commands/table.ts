/** Every command, in the order of help. A further one is a file with its definition, and a line here. */
import type { Command } from '../definition/command.ts'
import { buildSpec } from './build-spec.ts'
import { help } from './help.ts'
import { run } from './run.ts'

export const COMMANDS: readonly Command[] = [run, buildSpec, help]
