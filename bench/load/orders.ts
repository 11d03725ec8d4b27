/** A load that does what it is told: a line on its input is an order with its arguments, a line of JSON on its output the result. */
import readline from 'node:readline'

/** Says that it is ready, carries out orders one after the other, and ends the process with its input. */
export async function takeOrders(orders: Readonly<Record<string, (...given: string[]) => object | Promise<object>>>): Promise<never> {
  process.stdout.write('ready\n')
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [what = '', ...given] = line.split(' ')
    const order = orders[what]
    if (!order) throw new Error(`there is no order ${what}`)
    process.stdout.write(`${JSON.stringify(await order(...given))}\n`)
  }
  process.exit(0)
}
