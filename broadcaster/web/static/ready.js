// The page of a broadcast that is ready to be sent.

import { prepareCanaries } from "./canary.js";

prepareCanaries();
