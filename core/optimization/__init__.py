"""First-order methods: their updates, their exact rates on quadratics, and what they are tried on."""
