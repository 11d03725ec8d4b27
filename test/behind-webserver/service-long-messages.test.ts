/** test/service/long-messages.test.ts behind the webserver of an App Platform. */
process.env['TEST_HOST'] = 'app-platform'
await import('../service/long-messages.test.ts')
