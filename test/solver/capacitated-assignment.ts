import type {
  IntegerProgram,
  ProgramConstraint,
  ProgramVariable,
} from '../../src/domain/optimization/integer-program.ts';

/** Tasks to servers that have a price of opening and a capacity: hard enough that a solver has to branch. Always the same numbers. */
export function capacitatedAssignment(tasks: number, servers: number): IntegerProgram {
  let state = 7;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const binary = (name: string, cost: number): ProgramVariable => ({ name, lower: 0, upper: 1, integer: true, cost });
  const at = (task: number, server: number): number => task * servers + server;
  const eachTask = Array.from({ length: tasks }, (_, task) => task);
  const eachServer = Array.from({ length: servers }, (_, server) => server);
  const variables = [
    ...eachTask.flatMap((task) => eachServer.map((server) => binary(`task${task}-server${server}`, 1 + random() * 10))),
    ...eachServer.map((server) => binary(`server${server}`, 20 + random() * 30)),
  ];
  const assigned = eachTask.map(
    (task): ProgramConstraint => ({
      name: `task${task}`,
      lower: 1,
      upper: 1,
      terms: eachServer.map((server) => [at(task, server), 1]),
    }),
  );
  const capacities = eachServer.map(
    (server): ProgramConstraint => ({
      name: `server${server}`,
      lower: Number.NEGATIVE_INFINITY,
      upper: 0,
      terms: [
        ...eachTask.map((task) => [at(task, server), 1 + random() * 9] as const),
        [tasks * servers + server, -Math.ceil((tasks * 9) / servers)],
      ],
    }),
  );
  return { variables, constraints: [...assigned, ...capacities] };
}
