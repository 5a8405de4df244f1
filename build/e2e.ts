/** `npm run e2e`: the Electron and browser suites alone, on a fresh build; `npm run e2e -- desktop` runs specs by name. */
import { buildAll } from './build.ts'
import { buildChainSpecs } from './chain-specs.ts'
import { ensureTestElectron } from './electron-dist.ts'
import { runEndToEnd } from './suites.ts'
import { ensureSystemDeps } from './system-deps.ts'
import { main } from './terminal.ts'

main(async () => {
  await ensureSystemDeps()
  await buildChainSpecs()
  await buildAll()
  const results = await runEndToEnd(await ensureTestElectron(), process.argv.slice(2))
  if (results.some(({ failed }) => failed > 0)) process.exitCode = 1
})
