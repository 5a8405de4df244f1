/** `system_addLogFilter`, `system_resetLogFilter`: what the node writes to its log, while it runs. Its owner's business: unsafe. */
import { z } from 'zod'
import { errorMessage } from '../../../base/errors.ts'
import type { LogLevels } from '../../../base/logger.ts'
import { invalidParams } from '../errors.ts'
import { defineCall, type Method } from '../method.ts'

const MAX_DIRECTIVES = 4096

export function logFilterMethods(levels: LogLevels): Method[] {
  return [
    defineCall({
      name: 'system_addLogFilter',
      params: { directives: z.string().max(MAX_DIRECTIVES) },
      unsafe: true,
      handle({ directives }) {
        try {
          levels.add(directives)
        } catch (error) {
          throw invalidParams(`directives: ${errorMessage(error)}`)
        }
        return null
      },
    }),
    defineCall({
      name: 'system_resetLogFilter',
      params: {},
      unsafe: true,
      handle() {
        levels.reset()
        return null
      },
    }),
  ]
}
