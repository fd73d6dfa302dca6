package term_test

func shell() int { return 0 }
