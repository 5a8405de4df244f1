/** `npm run e2e`: the Electron and browser suites alone, on a fresh build; `npm run e2e -- desktop` runs specs by name. */
import { buildAll } from './build.ts'
import { buildChainSpecs } from './chain-specs.ts'
import { ensureTestElectron } from './electron-dist.ts'
import { runAlone } from './run-lock.ts'
import { runEndToEnd } from './suites.ts'
import { ensureSystemDeps } from './system-deps.ts'
import { main, say } from './terminal.ts'

main(() => runAlone(async () => {
  await ensureSystemDeps()
  await buildChainSpecs()
  await buildAll()
  const { failed, flaky } = await runEndToEnd(await ensureTestElectron(), process.argv.slice(2))
  if (flaky.length > 0) say(`\n── flaky\n\n${flaky.join('\n\n')}`)
  if (failed > 0) process.exitCode = 1
}))
