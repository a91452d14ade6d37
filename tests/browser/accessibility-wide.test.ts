import { walkConsole, walks } from "./accessibility-walk.ts";

walkConsole(walks.wide);
