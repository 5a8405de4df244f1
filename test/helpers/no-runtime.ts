/** A runtime that nobody is to ask. */
import type { ApiCaller } from '../../node-core/chain/runtime/api/by-version.ts'

const fails = (): Promise<never> => Promise.reject(new Error('no runtime is asked here'))

export const NO_RUNTIME: ApiCaller = { call: fails, version: fails }
