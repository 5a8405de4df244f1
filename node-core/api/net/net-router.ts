/** The network opened to services and programs, as the dashboard sees it: `net.*`. */
import { router } from '../trpc.ts'
import { channelsRouter } from './channels.ts'
import { linkRouter } from './link.ts'
import { programsRouter } from './programs.ts'
import { resourcesRouter } from './resources.ts'
import { serviceTopicsRouter } from './service-topics.ts'

export const netRouter = router({ topics: serviceTopicsRouter, channels: channelsRouter, resources: resourcesRouter, link: linkRouter, programs: programsRouter })
