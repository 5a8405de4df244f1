/** A process beside others that add and revoke clients of the service API in the same folder: it says that it is ready, and does its part when it is told to. */
import { systemClock } from '../../node-core/base/clock.ts'
import { Clients } from '../../node-core/services/rights/clients.ts'
import { ClientsFile } from '../../node-core/services/rights/clients-file.ts'

const [, , folder = '', own = '', count = '1'] = process.argv
const clients = new Clients(new ClientsFile(folder), systemClock)
process.once('message', () => {
  void (async () => {
    for (let index = 0; index < Number(count); index++) await clients.add(`${own}-${index}`, ['read'])
    await clients.revoke(`${own}-0`)
    process.disconnect()
  })()
})
process.send?.('ready')
