/** Telling a database that is away from a failure of ours. */

/**
 * Errors of PostgreSQL connections: class 08 (connection), 53 (resources), 57P (shutdown), 25006 (read-only), and what Node and the
 * driver say of sockets.
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
export const isDatabaseAway = (error: unknown): boolean => {
  const { code, message } = (typeof error === 'object' && error !== null ? error : {}) as NodeJS.ErrnoException;
  return (
    /^(08|53|57P)[0-9A-Z]{2,3}$|^(25006|ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EPIPE)$/.test(code ?? '') ||
    /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|The server closed the connection|Client has encountered a connection error)/.test(
      message ?? '',
    )
  );
};

/** Whether the connection ended during a statement. Unlike after an error such as a full disk, the transaction may have been committed or not. */
export const isConnectionLost = (error: unknown): boolean =>
  isDatabaseAway(error) && !/^(53[12]|25)/.test((error as NodeJS.ErrnoException).code ?? '');
