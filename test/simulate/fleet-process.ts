/** A fleet of its own process, for tests that kill it: arguments are the address of the service, the state file and the number of devices. */
import { createSimulator } from '../../app/simulate/simulator.ts'

const [url = '', stateFile = '', count = '1'] = process.argv.slice(2)
const simulator = await createSimulator({ url, stateFile, count: Number(count), type: 'phone', reconnect: { first: 10, most: 50 } })
await simulator.start()
