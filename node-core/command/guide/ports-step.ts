/** Ports that are free now, proposed and checked. */
import { choosePorts } from '../../manager/ports/free-ports.ts'
import { probePort } from '../../manager/ports/port-check.ts'
import { USUAL_PORTS, type Answers } from './answers.ts'
import { BACK, type Back, type Checked, type Questions } from './questions.ts'

const MOST = 65_535

export async function portsStep(questions: Questions): Promise<Pick<Answers, 'ports' | 'dashboard'> | Back> {
  const free = await choosePorts(new Set(), async (port) => (await probePort(port)) === 'free')
  questions.title('Ports')
  questions.say('Peers come to the first, and to the one after it. The others are for this computer alone.')
  const peers = await questions.line('Port for peers', String(free.port), (text) => portOf(text, 2, []))
  if (peers === BACK) return BACK
  const rpc = await questions.line('Port of JSON-RPC', String(free.rpc), (text) => portOf(text, 1, [peers, peers + 1]))
  if (rpc === BACK) return BACK
  const wanted = await questions.yes('Dashboard in a browser?', true)
  if (wanted === BACK) return BACK
  if (!wanted) return { ports: { peers, rpc }, dashboard: undefined }
  return { ports: { peers, rpc }, dashboard: await freeFrom(USUAL_PORTS.dashboard, [peers, peers + 1, rpc]) }
}

async function portOf(text: string, width: number, others: readonly number[]): Promise<Checked<number>> {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port < 1 || port + width - 1 > MOST) return { problem: `Type a number from 1 to ${MOST - width + 1}.` }
  for (let at = port; at < port + width; at++) {
    if (others.includes(at)) return { problem: `Port ${at} is chosen for peers already.` }
    const state = await probePort(at)
    if (state === 'taken') return { problem: `Port ${at} is in use by another program: choose another.` }
    if (state === 'denied') return { problem: `You may not listen on port ${at}: choose one from 1024 on.` }
  }
  return { value: port }
}

async function freeFrom(first: number, others: readonly number[]): Promise<number> {
  for (let port = first; port < MOST; port++) {
    if (!others.includes(port) && (await probePort(port)) === 'free') return port
  }
  return first
}
