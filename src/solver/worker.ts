/** What runs in a thread of the solver: one program after another. */
import { recovering } from './recovering.ts';
import { loadSolver } from './solve-program.ts';

export default recovering(loadSolver);
