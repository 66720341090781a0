/** The seed of random suites, put into test names so that a run can be repeated with SHIPLOG_SEED. */
export const SEED = Number(process.env.SHIPLOG_SEED ?? Date.now() % 2 ** 31);
