/** test/service/tasks.test.ts behind the webserver of an App Platform. */
process.env['TEST_HOST'] = 'app-platform'
await import('../service/tasks.test.ts')
