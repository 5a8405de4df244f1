/** The interface of the net, held to the same cases in the node's process and over its socket; and the examples of the binding in TypeScript. */
import { afterEach, beforeEach, describe, it } from 'vitest'
import { NetClient } from '../../../node-core/net/bindings/typescript/client.ts'
import { WIDEST_SCOPES } from '../../../node-core/net/ipc/scopes.ts'
import { NetLab, type NetNode } from '../../helpers/net-lab.ts'
import { expectToTalk, TYPESCRIPT } from '../../helpers/printed-examples.ts'
import { itHoldsAProgram, itHoldsTheSurface } from '../../helpers/surface-cases.ts'

let lab: NetLab
let clients: NetClient[]
beforeEach(() => {
  lab = new NetLab()
  clients = []
})
afterEach(async () => {
  for (const client of clients) await client.close()
  await lab.stop()
})

let programs = 0
async function client({ net }: NetNode): Promise<NetClient> {
  const { token } = await net.programs.add(`program-${++programs}`, WIDEST_SCOPES)
  return kept(await NetClient.connect({ path: net.ipc.path as string, token }))
}

function kept(connected: NetClient): NetClient {
  clients.push(connected)
  return connected
}

describe('the net in the process', () => itHoldsTheSurface(() => lab, async ({ net }) => net.api))
describe('the net over the socket', () => itHoldsTheSurface(() => lab, (node) => client(node)))

describe('a program', () =>
  itHoldsAProgram(
    () => lab,
    async (path, token) => kept(await NetClient.connect({ path, token })),
  ))

it('the examples that are printed talk with each other', () => expectToTalk(lab, TYPESCRIPT, TYPESCRIPT))
